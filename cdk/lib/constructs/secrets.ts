import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Effect, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { PipelineKey } from './key';

/** A secret whose value is in no template. */
export interface SecretRef {
  /** Its ARN, including the six characters that AWS adds to the name. */
  readonly arn: string;
  /** ARN of the customer managed key that encrypts it; `undefined` for AWS's own. */
  readonly keyArn?: string;
}

/** Props of `PipelineSecret`. */
export interface PipelineSecretProps {
  /** Name of the secret. */
  readonly secretName: string;
  /** Its purpose and the form of its value. */
  readonly description: string;
  /** Key that encrypts it. */
  readonly key: IKey;
  /**
   * Generates a random value under this key of a JSON object, for a secret that nobody outside the deployment has
   * to know.
   * @default - created without a value, which somebody has to put into it
   */
  readonly generateKey?: string;
  /** What happens to it when the stack is deleted. @default - deleted */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A secret that is created without a value. (The construct of the CDK library always generates one, which a
 * function would present to the collector.)
 */
export class PipelineSecret extends Construct implements SecretRef {
  readonly arn: string;
  readonly keyArn: string;

  constructor(scope: Construct, id: string, props: PipelineSecretProps) {
    super(scope, id);
    const secret = new CfnSecret(this, 'Resource', {
      name: props.secretName,
      description: props.description,
      kmsKeyId: props.key.keyArn,
      ...(props.generateKey
        ? {
            generateSecretString: {
              secretStringTemplate: '{}', generateStringKey: props.generateKey, passwordLength: 48, excludePunctuation: true,
            },
          }
        : {}),
    });
    secret.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);
    // `Ref` is the ARN as well, except in emulators, where it is the name.
    this.arn = secret.attrId;
    this.keyArn = props.key.keyArn;
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'The collector rotates the value, or both of its users have to change together. Functions read it again within minutes.',
    });
  }
}

/** Props of `LastingSecret`. */
export interface LastingSecretProps extends Pick<PipelineSecretProps, 'secretName' | 'description'> {
  /** Alias of its key, account, Region and partition. */
  readonly alias: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

/**
 * A secret that outlives the stack, as does its own encryption key: for the mask key, without which nobody could
 * look up a pseudonym that was sent.
 */
export class LastingSecret extends PipelineSecret {
  readonly keyId: string;

  constructor(scope: Construct, id: string, props: LastingSecretProps) {
    const removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const key = new PipelineKey(scope, `${id}Encryption`, { ...props, senders: [], logGroups: false, removalPolicy });
    super(scope, id, { ...props, key, removalPolicy });
    this.keyId = key.keyId;
  }
}

/** Lets a role read a secret, and use its key for that purpose only. */
export function grantRead(role: IGrantable, secret: SecretRef, region: string): void {
  role.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({ effect: Effect.ALLOW, actions: ['secretsmanager:GetSecretValue'], resources: [secret.arn] }),
  );
  if (secret.keyArn === undefined) return;
  role.grantPrincipal.addToPrincipalPolicy(
    new PolicyStatement({
      effect: Effect.ALLOW,
      actions: ['kms:Decrypt'],
      resources: [secret.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } },
    }),
  );
}
