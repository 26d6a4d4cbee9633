/** Mail and marketing. */
import { keyed } from '../grammar/keyed.ts';
import type { Row } from '../grammar/row.ts';

export const MAIL: readonly Row[] = [
  {
    name: 'sendgrid-key',
    service: 'SendGrid',
    severity: 'high',
    homeHosts: ['api.sendgrid.com'],
    source: 'https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys',
    formats: ['SG.{v22}.{v43}'],
  },
  {
    name: 'mailgun-key',
    service: 'Mailgun',
    severity: 'high',
    homeHosts: ['api.mailgun.net', 'api.eu.mailgun.net'],
    source: 'https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt/',
    formats: [
      keyed(['mailgun api key', 'mailgun key', 'mailgun private key', 'mailgun token'], 'key-{x32}'),
      keyed(
        ['mailgun api key', 'mailgun signing key', 'mailgun key', 'mailgun private key', 'mailgun token'],
        '{x32}-{x8}-{x8}',
      ),
    ],
  },
  {
    name: 'mailchimp-key',
    service: 'Mailchimp',
    severity: 'high',
    homeHosts: ['login.mailchimp.com', 'mandrillapp.com'],
    source: 'https://mailchimp.com/developer/marketing/guides/quick-start/',
    formats: ['{x32}-us(1|2|3|4|5|6|7|8|9)', keyed(['mandrill api key', 'mandrill key', 'mandrill apikey'], '{v22}')],
  },
  {
    name: 'brevo-key',
    service: 'Brevo',
    severity: 'high',
    homeHosts: ['api.brevo.com', 'api.sendinblue.com', 'smtp-relay.brevo.com'],
    source: 'https://developers.brevo.com/docs/getting-started',
    formats: ['x(keysib|smtpsib)-{x64}-{w16}'],
  },
  {
    name: 'resend-key',
    service: 'Resend',
    severity: 'high',
    homeHosts: ['api.resend.com'],
    source: 'https://resend.com/docs/dashboard/api-keys/introduction',
    formats: [{ shape: 're_{w8}_{w24}', bounded: true }],
  },
  {
    name: 'postmark-token',
    service: 'Postmark',
    severity: 'high',
    homeHosts: ['api.postmarkapp.com'],
    source: 'https://postmarkapp.com/developer/api/overview#authentication',
    formats: [
      keyed(
        ['postmark server token', 'postmark api token', 'postmark token', 'postmark api key', 'postmark account token'],
        '{U}',
      ),
    ],
  },
  {
    name: 'sparkpost-key',
    service: 'SparkPost',
    severity: 'high',
    homeHosts: ['api.sparkpost.com'],
    source: 'https://developers.sparkpost.com/api/',
    formats: [keyed(['sparkpost api key', 'sparkpost key', 'sparkpost secret'], '{x40}')],
  },
  {
    name: 'mailersend-token',
    service: 'MailerSend',
    severity: 'high',
    homeHosts: ['api.mailersend.com'],
    source: 'https://developers.mailersend.com/general.html#authentication',
    formats: ['mlsn.{x64}'],
  },
  {
    name: 'mailjet-key',
    service: 'Mailjet',
    severity: 'high',
    homeHosts: ['api.mailjet.com'],
    source: 'https://dev.mailjet.com/email/guides/#authentication',
    formats: [
      keyed(['mailjet api secret', 'mailjet secret key', 'mj apikey private', 'mailjet apikey secret'], '{x32}'),
    ],
  },
  {
    name: 'klaviyo-key',
    service: 'Klaviyo',
    severity: 'high',
    homeHosts: ['a.klaviyo.com'],
    source: 'https://developers.klaviyo.com/en/docs/authenticate_',
    formats: ['pk_{x34}'],
  },
  {
    name: 'hubspot-token',
    service: 'HubSpot',
    severity: 'high',
    homeHosts: ['api.hubapi.com'],
    source: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/overview',
    formats: ['pat-(na1|na2|na3|eu1|ap1)-{U}', keyed(['hubspot api key', 'hubspot access token', 'hapikey'], '{U}')],
  },
  {
    name: 'beamer-token',
    service: 'Beamer',
    severity: 'low',
    homeHosts: ['api.getbeamer.com'],
    source: 'https://www.getbeamer.com/api',
    formats: [keyed(['beamer api key', 'beamer key'], 'b_{v43}=')],
  },
];
