import { test } from 'vitest';

import { liveShare, shareTimeout } from './history-property.ts';

test(
  'rules 1 to 8 hold after every step of random histories, and the copy is perfect in the end (1 of 2)',
  () => liveShare(0, 'property.test.ts'),
  shareTimeout,
);
