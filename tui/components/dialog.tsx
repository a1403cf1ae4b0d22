import { Box, Text } from 'ink';
import type { ReactNode } from 'react';

import { useLook } from '../use-daemon.ts';
import { Say } from './say.tsx';

interface Props {
  readonly title: string;
  readonly foot: string;
  readonly children: ReactNode;
}

/** A box in the middle of the screen, in place of what was there. */
export function Dialog({ title, foot, children }: Props) {
  const { color } = useLook('waiting');
  return (
    <Box flexGrow={1} alignItems="center" justifyContent="center">
      <Box flexDirection="column" borderStyle="round" paddingX={2} {...(color && { borderColor: color })}>
        <Text wrap="truncate-end">
          <Say is="strong">{title}</Say>
        </Text>
        <Text> </Text>
        {children}
        <Text> </Text>
        <Text wrap="truncate-end">{foot}</Text>
      </Box>
    </Box>
  );
}
