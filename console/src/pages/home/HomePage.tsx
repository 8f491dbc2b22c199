import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSession } from '../../aws/useSession';
import { Link } from '../../components/Link';
import './home.css';

/** Where things are, the way from nothing to an access log, and the same from a terminal. */
export default function HomePage() {
  const { region, config } = useSession();
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description="An API gateway that keeps its own book: every request is one entry in an access log that you can search, follow and send again.">
        Tollbook
      </Header>
      <ColumnLayout columns={3}>
        <Part to="/apigateway/apis" title="API Gateway">Create REST APIs, deploy them to stages, say who may call them by API keys and usage plans, and turn on their logs.</Part>
        <Part to="/logs/groups" title="CloudWatch Logs">Read the entries of all streams as one, search, follow, trace and replay requests.</Part>
        <Part to="/iam/roles" title="IAM">The role that lets API Gateway write to CloudWatch Logs.</Part>
      </ColumnLayout>
      <Container header={<Header variant="h2" description="Or open a stage's Logs tab and let one click do the first three.">From an API to its access log</Header>}>
        <ol className="home-steps">
          <li><Link to="/iam/roles/create">Create a role</Link> for API Gateway with the policy AmazonAPIGatewayPushToCloudWatchLogs.</li>
          <li>Enter the role&apos;s ARN in API Gateway&apos;s <Link to="/apigateway/settings">Settings</Link>.</li>
          <li>Open a stage of one of your <Link to="/apigateway/apis">APIs</Link>, choose Logs, Enable Access Logging, a log group and a format.</li>
          <li>Send a request, and read its entry in the <Link to="/logs/groups">log group</Link>; its ID gives the <Link to="/logs/trace">trace</Link> of all that happened to it.</li>
        </ol>
      </Container>
      <Container header={<Header variant="h2" description="The aws CLI, any AWS SDK and Terraform work against this address as they are.">From a terminal</Header>}>
        <pre className="home-code" tabIndex={0} role="region" aria-label="Commands">
          {[
            `export AWS_ENDPOINT_URL=${location.origin} AWS_DEFAULT_REGION=${region}`,
            ...(config.auth === 'none' ? ['export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any'] : []),
            'aws apigateway get-rest-apis',
            'aws logs describe-log-groups',
            ...(config.gateway ? [`curl ${config.gateway}/{api-id}/{stage}/`] : []),
          ].join('\n')}
        </pre>
      </Container>
    </SpaceBetween>
  );
}

function Part({ to, title, children }: { to: string; title: string; children: string }) {
  return (
    <Container fitHeight header={<Header variant="h2"><Link to={to} fontSize="heading-m">{title}</Link></Header>}>
      <Box color="text-body-secondary">{children}</Box>
    </Container>
  );
}
