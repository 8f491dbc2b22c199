import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';

/** A value such as an ARN with a button that copies it; label names it: "Role ARN". */
export function Copyable({ value, label }: { value: string; label: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={value}
      copyButtonAriaLabel={`Copy ${label}`}
      copySuccessText={`${label} copied`}
      copyErrorText={`${label} could not be copied`}
    />
  );
}
