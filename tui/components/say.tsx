import { Text } from 'ink';
import type { ReactNode } from 'react';

import type { Meaning } from '../theme.ts';
import { useLook } from '../use-daemon.ts';

/** Words with a meaning, inside a line. */
export function Say({ is = 'plain', children }: { readonly is?: Meaning; readonly children: ReactNode }) {
  const look = useLook(is);
  return <Text {...look}>{children}</Text>;
}

/** One line of the screen; what does not fit is cut off with an ellipsis. */
export function Line({ children }: { readonly children: ReactNode }) {
  const look = useLook('plain');
  return (
    <Text wrap="truncate-end" {...look}>
      {children}
    </Text>
  );
}
