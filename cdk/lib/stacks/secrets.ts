import { CfnOutput, Stack } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Masking, ResolvedConfig } from '../config';
import { RetainedSecret, PipelineSecret, SecretRef } from '../constructs/secrets';
import { FunctionName, Names } from '../names';

const PUT_VALUE = 'Store the value in this secret: aws secretsmanager put-secret-value';

/** The secrets of the pipeline: adopted if the configuration names them, else created. */
export class HubSecrets {
  /** The collector's token. */
  readonly token: SecretRef;
  /** The mask key, with mode hmac. */
  readonly maskKey?: SecretRef;
  /** The access key that Firehose sends to the relay, if there is a relay. */
  readonly relayKey?: SecretRef;
  /** Ids of keys that were created for these secrets only. */
  readonly keyIds: string[] = [];

  constructor(private readonly stack: Stack, private readonly config: ResolvedConfig, private readonly names: Names, key: IKey) {
    this.token = this.tokenSecret(key);
    if (config.masking?.mode === 'hmac') this.maskKey = this.maskSecret(config.masking);
    if (names.usesRelay) {
      this.relayKey = new PipelineSecret(stack, 'RelayKey', {
        secretName: names.relayKeySecret, description: 'Access key that Firehose sends to the relay: {"api_key":"…"}', key, generate: { key: 'api_key', length: 48 },
      });
    }
  }

  /** The secrets that a function reads. */
  of(name: FunctionName): readonly SecretRef[] {
    const token = name === 'firehose-transform' ? undefined : this.token;
    const own = name === 'firehose-relay' ? this.relayKey : this.maskKey;
    return [token, own].filter((secret) => secret !== undefined);
  }

  private tokenSecret(key: IKey): SecretRef {
    const { config: { siem }, names: { tokenSecret: secretName } } = this;
    if (siem.secretArn) return { arn: siem.secretArn, ...(siem.secretKeyArn ? { keyArn: siem.secretKeyArn } : {}) };
    this.outputName('TokenSecret', secretName);
    return new PipelineSecret(this.stack, 'Token', { secretName, description: `Token of the collector: {"${siem.sink === 'logs' ? 'api_key' : 'hec_token'}":"…"}`, key });
  }

  private maskSecret({ keySecretArn, secretKeyArn }: Masking): SecretRef {
    const { config: { region }, names } = this;
    if (keySecretArn) return { arn: keySecretArn, ...(secretKeyArn ? { keyArn: secretKeyArn } : {}) };
    const secretName = names.maskKeySecret;
    new CfnOutput(this.stack, 'MaskKeySecret', { value: secretName, description: 'The generated mask key, for "sightline token": keep a copy' });
    const secret = new RetainedSecret(this.stack, 'MaskKey', {
      secretName, description: 'Mask key: {"key_id":"k1","key":"<base64 of 32 bytes or more>"}',
      // Generated, so that masking works from the first event and functions do not wait until a key is stored.
      // 64 letters and digits are base64 of 48 bytes.
      generate: { key: 'key', length: 64, others: { key_id: 'k1' } },
      alias: names.of('mask-key'), account: names.account, region, partition: names.partition,
    });
    this.keyIds.push(secret.keyId);
    return secret;
  }

  private outputName(id: string, value: string): void {
    new CfnOutput(this.stack, id, { value, description: PUT_VALUE });
  }
}
