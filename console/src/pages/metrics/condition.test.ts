import { expect, test } from 'vitest';
import { conditionText } from './condition';

test('conditions in words', () => {
  const alarm = { MetricName: '5XXError', Statistic: 'Sum', ComparisonOperator: 'GreaterThanThreshold', Threshold: 3, EvaluationPeriods: 3, DatapointsToAlarm: 2, Period: 60, Dimensions: [{ Name: 'ApiName', Value: 'notes' }] } as const;
  expect(conditionText({ ...alarm, Dimensions: [...alarm.Dimensions] })).toBe('5XXError Sum > 3 for 2 of 3 periods of 1 min (ApiName notes)');
  expect(conditionText({ MetricName: 'Latency', ExtendedStatistic: 'p99', ComparisonOperator: 'LessThanThreshold', Threshold: 1, EvaluationPeriods: 1, Period: 10 })).toBe('Latency p99 < 1 for 1 period of 10 s');
});
