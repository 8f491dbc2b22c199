import { paginateGetClientCertificates, type ClientCertificate } from '@aws-sdk/client-api-gateway';
import { apigateway } from '../../aws/apigateway';
import { itemsOf } from '../../aws/pages';

export function listCertificates(abortSignal?: AbortSignal): Promise<ClientCertificate[]> {
  return itemsOf(paginateGetClientCertificates({ client: apigateway() }, { limit: 500 }, { abortSignal }));
}
