import { test } from 'vitest';

import { liveShare, shareTimeout } from './history-property.ts';

test(
  'rules 1 to 8 hold after every step of random histories, and the copy is perfect in the end (2 of 2)',
  () => liveShare(1, 'property-2.test.ts'),
  shareTimeout,
);
