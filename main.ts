import { synthesize } from './library';

// dist/<environment>/ for each file of config/; a second argument may add charts and connections
synthesize(import.meta.dirname);
