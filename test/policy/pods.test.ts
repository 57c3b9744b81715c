import { podRules } from '../../policy/pods';
import { environments } from '../support/manifests';
import { testRules } from './test-rules';

testRules(podRules, environments());
