import { IAMClient } from '@aws-sdk/client-iam';
import { clientOf } from './client';

/** The client for the present region: `iam().send(new …Command({…}))`. */
export const iam = clientOf((config) => new IAMClient(config));
