import { type Verb, example } from './verb.ts';

export const metrics: Verb = (program, session) => {
  program
    .command('metrics')
    .description('Counters and gauges as Prometheus text')
    .addHelpText('after', example('metrics > /var/lib/node_exporter/shopsync.prom'))
    .action(async () => {
      const result = await session.ask('metrics');
      if (session.options.json === true) session.print(result, () => []);
      else session.host.stdout.write(result.text);
    });
};
