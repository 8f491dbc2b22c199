import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal, { type ModalProps } from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { ProblemAlert } from './Problem';
import { useWork } from './useWork';

interface Props {
  title: string;
  children: ReactNode;
  /** What the button says, such as "Create resource". */
  submitText: string;
  /** While something needed is missing the button is off. */
  incomplete?: boolean;
  size?: ModalProps.Size;
  onSubmit: () => Promise<unknown>;
  onClose: () => void;
}

/** A few fields over the page; Enter submits. Mount it to open it; it closes itself when onSubmit resolves. */
export function FormModal({ title, children, submitText, incomplete = false, size, onSubmit, onClose }: Props) {
  const { busy, error, run } = useWork();
  const send = async () => {
    if (await run(onSubmit)) {
      onClose();
    }
  };
  return (
    <Modal
      visible
      size={size}
      header={title}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>Cancel</Button>
            <Button variant="primary" loading={busy} disabled={incomplete} onClick={() => void send()}>{submitText}</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form onSubmit={(e) => { e.preventDefault(); if (!incomplete && !busy) void send(); }}>
        <SpaceBetween size="m">
          {children}
          <ProblemAlert error={error} />
        </SpaceBetween>
        <input type="submit" hidden />
      </form>
    </Modal>
  );
}
