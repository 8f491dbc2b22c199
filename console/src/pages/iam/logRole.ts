/** The role that API Gateway writes logs with, as the guide makes it. */
export const logRole = {
  service: 'apigateway.amazonaws.com',
  useCase: 'Allows API Gateway to push logs to CloudWatch Logs.',
  policyArn: 'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
  roleName: 'APIGatewayCloudWatchLogs',
} as const;
