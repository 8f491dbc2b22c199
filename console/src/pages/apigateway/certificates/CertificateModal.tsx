import type { ClientCertificate } from '@aws-sdk/client-api-gateway';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Code } from '../../../components/Code';

/** The public part of a certificate, for a back end to trust. */
export function CertificateModal({ certificate, onClose }: { certificate: ClientCertificate; onClose: () => void }) {
  const pem = certificate.pemEncodedCertificate ?? '';
  return (
    <Modal
      visible
      size="large"
      header={`Client certificate ${certificate.clientCertificateId}`}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <CopyToClipboard variant="button" copyButtonText="Copy" textToCopy={pem} copySuccessText="Certificate copied" copyErrorText="Certificate could not be copied" />
            <Button variant="primary" onClick={onClose}>Close</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <Code label="Certificate in PEM">{pem}</Code>
    </Modal>
  );
}
