/**
 * Hosts where credentials of the large clouds are at home: endpoints of their APIs by full name. A wildcard would let a
 * key go to whatever anyone rents under the provider's domain.
 */

const AWS_REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ca-central-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'ap-east-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'sa-east-1',
] as const;
/** What builds call: identity, registries, packages, parameters. */
const AWS_SERVICES = [
  'sts',
  'api.ecr',
  's3',
  'codeartifact',
  'secretsmanager',
  'ssm',
  'kms',
  'cloudformation',
] as const;

export const AWS_API_HOSTS: readonly string[] = [
  'sts.amazonaws.com',
  'iam.amazonaws.com',
  's3.amazonaws.com',
  'api.ecr-public.us-east-1.amazonaws.com',
  ...AWS_SERVICES.flatMap((service) => AWS_REGIONS.map((region) => `${service}.${region}.amazonaws.com`)),
];

/** Not storage.googleapis.com: anyone has a bucket there. */
export const GOOGLE_API_HOSTS: readonly string[] = [
  'accounts.google.com',
  'oauth2.googleapis.com',
  'www.googleapis.com',
  'sts.googleapis.com',
  'iam.googleapis.com',
  'iamcredentials.googleapis.com',
  'cloudresourcemanager.googleapis.com',
  'artifactregistry.googleapis.com',
  'secretmanager.googleapis.com',
  'cloudbuild.googleapis.com',
  'container.googleapis.com',
  'run.googleapis.com',
  'compute.googleapis.com',
  'generativelanguage.googleapis.com',
  'aiplatform.googleapis.com',
  'maps.googleapis.com',
  'androidpublisher.googleapis.com',
  'firebase.googleapis.com',
  'fcm.googleapis.com',
];
