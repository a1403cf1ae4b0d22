import { Box } from 'ink';
import type { ReactNode } from 'react';

import { Line, Say } from './say.tsx';

interface Props {
  readonly title: string;
  /** The width of the rule, in cells. */
  readonly columns: number;
  readonly children: ReactNode;
}

/** A titled part of the screen: `── Last runs ─────`. */
export function Section({ title, columns, children }: Props) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Line>
        <Say is="quiet">── </Say>
        <Say is="strong">{title}</Say>
        <Say is="quiet"> {'─'.repeat(Math.max(0, columns - title.length - 4))}</Say>
      </Line>
      {children}
    </Box>
  );
}
