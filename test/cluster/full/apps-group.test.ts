import { withAppImage } from '../support/apps/images';
import { LOSSES, lose, lossRow } from '../support/apps/primary';
import { AppTrial, duringTests, example } from '../support/apps/trial';

let trial: AppTrial;

// an app of other people before a group, which elects another primary
withAppImage('ghost', () => {
  const rows = duringTests(async () => {
    const database = { topology: 'group', storage: { size: '2Gi' } };
    trial = await AppTrial.start('ghost-group', { ...example('ghost'), database });
    return trial;
  });

  test('it makes its tables in a group, which takes none without a primary key', async () => {
    const answer = await (await trial.visitor()).get('/');
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('Ghost');
  }, 60_000);

  test.each(LOSSES)(
    'after the primary is lost (%s) it goes on by itself, with the next one',
    async (how, strike) => {
      const loss = await lose(trial, '/', [how, strike]);
      rows.push(lossRow(loss));
      const visitor = await trial.visitor();
      expect((await visitor.get('/ghost/api/admin/authentication/setup/')).status).toBe(200);
    },
    600_000,
  );
});
