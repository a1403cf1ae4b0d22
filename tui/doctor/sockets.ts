import { lstatSync } from 'node:fs';

import { type Place, observeSocket } from '../../shared/paths.ts';
import { ConnectError, connect } from '../client.ts';
import { type Circumstances, connectWords } from '../mend.ts';
import { type Finding, bad, good } from './finding.ts';

const isMissing = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
};

/** Whether a socket takes connections: undefined when it does, else why not. */
const refusal = async (path: string): Promise<ConnectError | undefined> => {
  try {
    (await connect(path)).close();
    return undefined;
  } catch (error) {
    if (error instanceof ConnectError) return error;
    throw error;
  }
};

const finding = async (path: string, where: string, taken: boolean, around: Circumstances): Promise<Finding> => {
  const error = await refusal(path);
  const found = error === undefined ? 'listens' : error.reason;
  if (taken) return good('socket', `${where}: ${found}, but one before it is taken`);
  if (error === undefined) return good('socket', `${where}: ${found}`);
  // Who may only watch is not to be told to ask for more.
  if (error.reason === 'forbidden' && (await refusal(observeSocket(path))) === undefined) {
    return good('socket', `${where}: forbidden; observe.sock beside it listens, for reading`);
  }
  return bad('socket', connectWords(error, [], around).replace(/^no daemon: /, ''));
};

/**
 * What stands at each place where a client looks for the daemon. The first that is there is taken: only that one has to
 * answer, and the ones after it are told of without a verdict.
 */
export const socketFindings = async (places: readonly Place[], around: Circumstances): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  let taken = false;
  for (const { path, from } of places) {
    const where = `${path} (${from})`;
    if (isMissing(path)) {
      findings.push(good('socket', `${where}: nothing there`));
      continue;
    }
    findings.push(await finding(path, where, taken, around));
    taken = true;
  }
  return findings;
};
