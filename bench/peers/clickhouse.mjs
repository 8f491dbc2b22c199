// Runs ClickHouse in this process for bench/logs_clickhouse.go, with the data directory that the command line names. Each
// line of standard input is a JSON string, an SQL statement; each is answered by a line of JSON: ms, the time that the
// engine took, and text, its answer in the format TSV; or error. The end of input ends it.
import { createInterface } from 'node:readline'
import { Session } from 'chdb'

const session = new Session(process.argv[2])
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(run(JSON.parse(line))) + '\n')
}
session.close()

function run(sql) {
  const begin = performance.now()
  try {
    const text = session.query(sql, 'TSV')
    return { ms: performance.now() - begin, text }
  } catch (e) {
    return { error: String(e) }
  }
}
