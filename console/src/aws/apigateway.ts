import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { clientOf } from './client';

/** The client for the present region: `apigateway().send(new …Command({…}))`. */
export const apigateway = clientOf((config) => new APIGatewayClient(config));
