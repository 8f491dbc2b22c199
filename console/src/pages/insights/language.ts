// What Logs Insights' query language has words for, as the editor completes and colours them. Pure.

export interface Word {
  name: string;
  /** How it is used, in a line. */
  detail: string;
}

const words = (text: string): Word[] =>
  text.trim().split('\n').map((line) => {
    const [name = '', detail = ''] = line.trim().split(/\s+(.*)/s);
    return { name, detail };
  });

/** The name of the command, then its form. */
export const commands: Word[] = words(`
  fields e1 [as a1], e2, … : choose and compute columns
  filter condition : keep the rows for which it holds
  stats aggregate [as a], … by field or bin(5m)
  sort e [asc|desc], …
  limit n
  parse field "glob * text" as a, or /regex with (?<names>…)/
  display e1 [as a1], … : the final columns
  dedup f1, f2, … : the first row of each value
  pattern field : entries that look alike
  diff [previousDay|previousWeek] : against the time before
  unnest list into name : a row for each element
  join type=inner left=L right=R where L.f=R.f (SOURCE …)
  fillmissing [with v for f] : bins without entries
  SOURCE logGroups(namePrefix: ['a']) : log groups, as the first command
  where condition : as filter
  filterIndex f = v : as filter, over indexed groups
  unmask f, …
  expand field : a row for each element of a JSON array
  lookup table field OUTPUT f, …
  anomaly after pattern
  estimate bytes that the query would read
  addtotals [row=true] [col=false] f1, …
  accum f [as out] : running sum
  autoregress f [as a] [p=n] : values of rows before
  appendcols ( query )
  cidrlookup table ipField OUTPUT f, …
  countFrequent f1, f2 : approximate counts
  filldown f1 f2 : the last value present
  logcompare timeshift 7d
  outlier [action=transform] f
  relevantfields f1, … where condition
  sessionize f [maxspan 30m] [as id]
`);

/** The functions of stats. */
export const aggregates: Word[] = words(`
  count (*) or (field)
  count_distinct (field)
  sum (field)
  avg (field)
  min (field)
  max (field)
  pct (field, percent) : percentile
  median (field)
  stddev (field)
  variance (field)
  values (field) : the distinct values
  topk (k, field)
  earliest (field)
  latest (field)
  sortsFirst (field)
  sortsLast (field)
  rate (field, period)
  count_over_time (period)
  sum_over_time (field)
  histogram (field, n)
`);

/** The functions of rows. */
export const functions: Word[] = words(`
  bin (period) : @timestamp rounded down
  datefloor (time, period)
  dateceil (time, period)
  abs (n)
  ceil (n)
  floor (n)
  round (n[, digits])
  sqrt (n)
  log (n) : natural
  greatest (a, b, …)
  least (a, b, …)
  ispresent (field)
  coalesce (a, b, …) : the first that is present
  if (condition, a, b)
  case (c1, v1, …[, default])
  isNumeric (field)
  isempty (text)
  isblank (text)
  concat (a, b, …)
  strlen (text)
  toupper (text)
  tolower (text)
  trim (text[, chars])
  ltrim (text[, chars])
  rtrim (text[, chars])
  substr (text, start[, length])
  replace (text, find, put)
  regexReplace (text, regex, put)
  strcontains (text, find)
  startsWith (text, with)
  endsWith (text, with)
  split (text, by)
  urlencode (text)
  urldecode (text)
  base64encode (text)
  base64decode (text)
  md5 (text)
  sha256 (text)
  toNumber (text)
  toInt (text)
  toDouble (text)
  fromMillis (ms)
  toMillis (time)
  now () : seconds since 1970
  queryStartTime ()
  queryEndTime ()
  strftime (time, "%Y-%m-%d")
  parseDate (text, "yyyy-MM-dd")
  jsonParse (text)
  jsonStringify (map)
  jsonArraySize (field)
  jsonArrayContains (field, value)
  isValidIp (ip)
  isIpInSubnet (ip, cidr)
  isIpv4InSubnet (ip, cidr)
  isPrivateIP (ip)
  isPublicIP (ip)
  messageSize (field)
  haversine (lat1, lon1, lat2, lon2) : km
`);

/** Words between expressions. */
export const keywords = ['by', 'as', 'and', 'or', 'not', 'like', 'in', 'asc', 'desc', 'with', 'for', 'into'];

/** Fields that every entry has. */
export const systemFields = ['@timestamp', '@message', '@logStream', '@log', '@ingestionTime'];
