import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { clientOf } from './client';

/**
 * The client for the present region: `logs().send(new …Command({…}))`. AWS' model puts a prefix before the host of
 * StartLiveTail; here every operation is answered at the page's own origin.
 */
export const logs = clientOf((config) => new CloudWatchLogsClient({ ...config, disableHostPrefix: true }));
