import { Text } from 'ink';

import { Dialog } from '../components/dialog.tsx';
import { Say } from '../components/say.tsx';
import { keyName, keymap } from '../keys.ts';
import { fit } from '../width.ts';

/** Every key, made of the keymap. */
export function Help() {
  return (
    <Dialog title="Keys" foot="any key closes this">
      {keymap.map(({ command, keys, help }) => (
        <Text key={command} wrap="truncate-end">
          <Say is="strong">{fit(keys.map(keyName).join(', '), 12)}</Say>
          {help}
        </Text>
      ))}
    </Dialog>
  );
}
