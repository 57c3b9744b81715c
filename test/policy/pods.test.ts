import { environments } from '../support/manifests';
import { podRules } from './rules/pods';
import { testRules } from './rules/rule';

testRules(podRules, environments());
