import { type Verb, example } from './verb.ts';

export const resume: Verb = (program, session) => {
  program
    .command('resume')
    .description('Undo pause: runs start by themselves again')
    .addHelpText('after', example('resume'))
    .action(async () => {
      session.print(await session.tell('resume'), () => ['The schedule goes on.']);
    });
};
