import { Text } from 'ink';
import { useEffect } from 'react';

import { Dialog } from '../components/dialog.tsx';
import type { Question } from '../ui.ts';

interface Props {
  readonly question: Question;
  /** Called once the question stands on the screen. */
  readonly onDrawn: () => void;
}

/** A question whose fresh answer is No. */
export function Confirm({ question, onDrawn }: Props) {
  const { title, lines, yes, armed } = question;
  useEffect(() => {
    if (!armed) onDrawn();
  }, [armed, onDrawn]);
  return (
    <Dialog title={title} foot={`[ Enter: no, go back ]   y: yes, ${yes}`}>
      {lines.map((line) => (
        <Text key={line} wrap="truncate-end">
          {line}
        </Text>
      ))}
    </Dialog>
  );
}

/** What stands there while the daemon works out the cost. */
export function Estimating({ title }: { readonly title: string }) {
  return (
    <Dialog title={title} foot="[ Enter: no, go back ]">
      <Text>asking the daemon what it would cost</Text>
    </Dialog>
  );
}
