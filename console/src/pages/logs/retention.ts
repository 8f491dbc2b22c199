/** The retentions that CloudWatch Logs knows, in days. */
export const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

export function retentionText(days: number | undefined): string {
  if (days === undefined) {
    return 'Never expire';
  }
  const months: Record<number, string> = { 30: '1 month', 60: '2 months', 90: '3 months', 120: '4 months', 150: '5 months', 180: '6 months', 365: '12 months', 400: '13 months', 545: '18 months' };
  if (months[days]) {
    return `${months[days]} (${days} days)`;
  }
  return days >= 731 ? `${Math.floor(days / 365)} years (${days} days)` : `${days} ${days === 1 ? 'day' : 'days'}`;
}
