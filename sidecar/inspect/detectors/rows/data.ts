/** Databases and data platforms (URLs with a password have a detector of their own). */
import { keyed } from '../grammar/keyed.ts';
import type { Row } from '../grammar/row.ts';

export const DATA: readonly Row[] = [
  {
    name: 'planetscale-token',
    service: 'PlanetScale',
    severity: 'critical',
    homeHosts: ['api.planetscale.com'],
    source: 'https://planetscale.com/docs/api/reference/service-tokens',
    formats: ['pscale_(tkn|oauth|pw)_{v32-64}'],
  },
  {
    name: 'databricks-token',
    service: 'Databricks',
    severity: 'critical',
    homeHosts: ['accounts.cloud.databricks.com'],
    source: 'https://docs.databricks.com/aws/en/dev-tools/auth/pat',
    formats: ['dapi{x32}', 'dose{x32}'],
  },
  {
    name: 'mongodb-atlas-key',
    service: 'MongoDB Atlas',
    severity: 'critical',
    homeHosts: ['cloud.mongodb.com'],
    source: 'https://www.mongodb.com/docs/atlas/api/service-accounts-overview/',
    formats: [
      'mdb_sa_sk_{v40}',
      keyed(['mongodb atlas private key', 'atlas private key', 'mongodb atlas api private key'], '{U}'),
    ],
  },
  {
    name: 'cockroach-key',
    service: 'CockroachDB Cloud',
    severity: 'critical',
    homeHosts: ['cockroachlabs.cloud'],
    source: 'https://www.cockroachlabs.com/docs/cockroachcloud/managing-access',
    formats: ['CCDB1_{w22}_{w40}'],
  },
  {
    name: 'astra-token',
    service: 'DataStax Astra',
    severity: 'critical',
    homeHosts: ['api.astra.datastax.com'],
    source: 'https://docs.datastax.com/en/astra-db-serverless/administration/manage-application-tokens.html',
    formats: ['AstraCS:{w24}:{x64}'],
  },
  {
    name: 'neon-key',
    service: 'Neon',
    severity: 'critical',
    homeHosts: ['console.neon.tech', 'api.neon.tech'],
    source: 'https://neon.com/docs/manage/api-keys',
    formats: ['napi_{a64}'],
  },
  {
    name: 'aiven-credential',
    service: 'Aiven',
    severity: 'critical',
    homeHosts: ['api.aiven.io', 'console.aiven.io'],
    source: 'https://aiven.io/docs/platform/concepts/authentication-tokens',
    formats: ['AVNS_{v19}', keyed(['aiven token', 'aiven api token', 'aiven auth token'], '{b372}')],
  },
  {
    name: 'clickhouse-key',
    service: 'ClickHouse Cloud',
    severity: 'critical',
    homeHosts: ['api.clickhouse.cloud'],
    source: 'https://clickhouse.com/docs/cloud/manage/openapi',
    // The secret begins so always, and so does much hexadecimal.
    formats: [
      keyed(
        ['clickhouse api secret', 'clickhouse key secret', 'clickhouse secret', 'clickhouse cloud secret'],
        '4b1d{w38}',
      ),
    ],
  },
  {
    name: 'confluent-secret',
    service: 'Confluent Cloud',
    severity: 'critical',
    homeHosts: ['api.confluent.cloud', 'confluent.cloud'],
    source:
      'https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html',
    formats: [
      'cflt{b60}',
      keyed(
        [
          'confluent api secret',
          'confluent secret',
          'confluent cloud api secret',
          'kafka api secret',
          'ccloud api secret',
        ],
        '{b64}',
      ),
    ],
  },
  {
    name: 'influxdb-token',
    service: 'InfluxDB',
    severity: 'high',
    homeHosts: [],
    source: 'https://docs.influxdata.com/influxdb/v2/admin/tokens/',
    formats: [keyed(['influx token', 'influxdb token', 'influxdb v2 token', 'influxdb api token'], '{v86}==')],
  },
  {
    name: 'couchbase-key',
    service: 'Couchbase Capella',
    severity: 'critical',
    homeHosts: ['cloudapi.cloud.couchbase.com'],
    source: 'https://docs.couchbase.com/cloud/management-api-guide/management-api-start.html',
    formats: [
      keyed(['capella api key', 'capella api secret', 'couchbase api key', 'couchbase api secret'], '{b60-120}'),
    ],
  },
  {
    name: 'upstash-token',
    service: 'Upstash',
    severity: 'high',
    homeHosts: ['api.upstash.com'],
    source: 'https://upstash.com/docs/redis/features/restapi',
    formats: [
      keyed(
        ['upstash redis rest token', 'upstash vector rest token', 'kv rest api token', 'qstash token'],
        '{b40-120}',
      ),
    ],
  },
  {
    name: 'algolia-key',
    service: 'Algolia',
    severity: 'high',
    homeHosts: [],
    source: 'https://www.algolia.com/doc/guides/security/api-keys/',
    formats: [
      keyed(['algolia admin api key', 'algolia api key', 'algolia admin key', 'algolia write api key'], '{x32}'),
    ],
  },
  {
    name: 'airtable-token',
    service: 'Airtable',
    severity: 'high',
    homeHosts: ['api.airtable.com'],
    source: 'https://airtable.com/developers/web/guides/personal-access-tokens',
    formats: [
      { shape: 'pat{w14}.{x64}', bounded: true },
      keyed(['airtable api key', 'airtable token', 'airtable access token', 'airtable pat'], 'pat{w14}.{x64}'),
      keyed(['airtable api key', 'airtable key'], 'key{w14}'),
    ],
  },
  {
    name: 'contentful-token',
    service: 'Contentful',
    severity: 'high',
    homeHosts: ['api.contentful.com', 'cdn.contentful.com'],
    source: 'https://www.contentful.com/developers/docs/references/authentication/',
    formats: [
      'CFPAT-{v43}',
      keyed(
        [
          'contentful access token',
          'contentful delivery token',
          'contentful management token',
          'contentful delivery api token',
        ],
        '{v43}',
      ),
    ],
  },
  {
    name: 'mapbox-token',
    service: 'Mapbox',
    severity: 'medium',
    homeHosts: ['api.mapbox.com'],
    source: 'https://docs.mapbox.com/help/dive-deeper/access-tokens/',
    formats: [
      '(sk|tk).eyJ{v60-250}.{v22}',
      keyed(['mapbox access token', 'mapbox token', 'mapbox api token'], 'pk.{w60}.{w22}'),
    ],
  },
  {
    name: 'maxmind-key',
    service: 'MaxMind',
    severity: 'low',
    homeHosts: ['download.maxmind.com', 'geoip.maxmind.com'],
    source: 'https://support.maxmind.com/hc/en-us/articles/4407111582235',
    formats: ['{w6}_{w29}_mmk'],
  },
  {
    name: 'snowflake-password',
    service: 'Snowflake',
    severity: 'high',
    homeHosts: [],
    source: 'https://docs.snowflake.com/en/user-guide/programmatic-access-tokens',
    formats: [keyed(['snowflake password', 'snowsql pwd', 'snowflake token', 'snowflake pat'], '{w12-64}')],
  },
];
