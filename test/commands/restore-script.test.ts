import { codeOf, type Kind } from '../../commands/restore/code';
import { type Contents, eventScript, type Swap, swapScript, undoScript } from '../../commands/restore/script';

const contents = (tables: string[], names: (readonly [Kind, string])[] = []): Contents => ({
  tables,
  code: {
    names,
    triggers: names.some(([kind]) => kind === 'TRIGGER')
      ? 'ALTER DATABASE `site` COLLATE x ;\nCREATE its TRIGGER;\n'
      : '',
    routines: 'its routines;',
    views: 'its views;',
    events: 'its events;',
  },
});

const change = (present: Contents, fresh: Contents): Swap => ({ restored: 'new', kept: 'old', present, fresh });

const busy = change(
  contents(
    ['a', 'later'],
    [
      ['TRIGGER', 'now'],
      ['VIEW', 'b'],
      ['EVENT', 'e'],
    ],
  ),
  contents(['a', 'b'], [['TRIGGER', 'then`s']]),
);

test('all tables change places in one statement, under locks, without triggers', () => {
  expect(swapScript(busy).moves.split('\n').slice(1, -1)).toEqual([
    'DROP VIEW `site`.`b`;',
    'LOCK TABLES `site`.`a` WRITE, `site`.`later` WRITE, `new`.`a` WRITE, `new`.`b` WRITE;',
    'DROP TRIGGER `site`.`now`;',
    'DROP TRIGGER `new`.`then``s`;',
    'RENAME TABLE `site`.`a` TO `old`.`a`, `site`.`later` TO `old`.`later`, `new`.`a` TO `site`.`a`, `new`.`b` TO `site`.`b`;',
  ]);
});

test('triggers of both schemas are there before the locks go, and what locks forbid comes after', () => {
  const [locked = '', after = ''] = swapScript(busy).rest.split('UNLOCK TABLES;');
  expect(locked.match(/^(DROP|USE|CREATE|ALTER).*/gm)).toEqual([
    'DROP TRIGGER IF EXISTS `site`.`then``s`;',
    'USE `site`;',
    'CREATE its TRIGGER;',
    'DROP TRIGGER IF EXISTS `old`.`now`;',
    'USE `old`;',
    'CREATE its TRIGGER;',
  ]);
  const order = ['DROP VIEW IF EXISTS `site`.`b`', 'DROP EVENT IF EXISTS `site`.`e`', 'its routines', 'USE `old`'];
  const places = [...order, 'DROP DATABASE IF EXISTS `new`'].map((text) => after.indexOf(text));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('an empty site and an empty backup need neither locks nor a rename', () => {
  expect(swapScript(change(contents([]), contents([]))).moves).toBe('SET SESSION lock_wait_timeout = 60;\n');
});

test('taken back are triggers, views and the schemas of the restore', () => {
  const script = undoScript(busy);
  expect(script).toMatch(/LOCK TABLES `site`.`a` WRITE, `site`.`later` WRITE;\nDROP TRIGGER IF EXISTS `site`.`now`;/);
  expect(script).toMatch(
    /UNLOCK TABLES;\nUSE `site`;\nits views;\nDROP DATABASE IF EXISTS `new`;\nDROP DATABASE IF EXISTS `old`;/,
  );
});

test('an event that a replica disabled does what the present one of its name does, and runs where there is none', () => {
  const dumped = {
    off: 'REPLICA_SIDE_DISABLED',
    fresh: 'REPLICA_SIDE_DISABLED',
    past: 'REPLICA_SIDE_DISABLED',
    as: 'DISABLED',
  };
  const now = { off: '', fresh: '', as: '' };
  const map = (from: object) => new Map(Object.entries(from));
  expect(eventScript(map(dumped), map({ off: 'DISABLED' }), map(now))).toBe(
    'ALTER EVENT `site`.`off` DISABLE;\nALTER EVENT `site`.`fresh` ENABLE;\n',
  );
});

test('of code that cannot be made anew no definition is asked for', async () => {
  const asked: string[] = [];
  const code = await codeOf({
    ask: async () => 'BROKEN VIEW\tgone\nVIEW\tseen\n',
    dump: async (...options) => {
      asked.push(options.join(' '));
      return 'text';
    },
  });
  expect(asked).toEqual(['--no-data --skip-triggers site seen']);
  expect(code).toMatchObject({ triggers: '', routines: '', views: 'text', events: '' });
});
