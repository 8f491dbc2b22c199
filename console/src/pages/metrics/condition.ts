import type { ComparisonOperator, MetricAlarm } from '@aws-sdk/client-cloudwatch';

const signs: Partial<Record<ComparisonOperator, string>> = {
  GreaterThanThreshold: '>', GreaterThanOrEqualToThreshold: '>=', LessThanThreshold: '<', LessThanOrEqualToThreshold: '<=',
};

/** When an alarm goes off: "5XXError Sum > 3 for 2 of 3 periods of 1 min (ApiName notes)". */
export function conditionText(alarm: MetricAlarm): string {
  const { MetricName, Statistic, ExtendedStatistic, ComparisonOperator: operator, Threshold, EvaluationPeriods = 1, DatapointsToAlarm, Period, Dimensions = [] } = alarm;
  const what = MetricName ? `${MetricName} ${Statistic ?? ExtendedStatistic ?? ''}`.trim() : (alarm.Metrics?.find((m) => m.ReturnData !== false)?.Expression ?? 'Expression');
  const of = DatapointsToAlarm && DatapointsToAlarm !== EvaluationPeriods ? `${DatapointsToAlarm} of ${EvaluationPeriods}` : String(EvaluationPeriods);
  const period = Period ? ` of ${Period % 60 === 0 ? `${Period / 60} min` : `${Period} s`}` : '';
  const where = Dimensions.length > 0 ? ` (${Dimensions.map((d) => `${d.Name} ${d.Value}`).join(', ')})` : '';
  return `${what} ${(operator && signs[operator]) ?? operator ?? ''} ${Threshold ?? ''} for ${of} ${EvaluationPeriods === 1 ? 'period' : 'periods'}${period}${where}`;
}
