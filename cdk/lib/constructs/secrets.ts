import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Effect, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { PipelineKey } from './key';

/** A secret. Its value appears in no template. */
export interface SecretRef {
  /** Its ARN, including the six characters that AWS adds to the name. */
  readonly arn: string;
  /** ARN of the customer managed key that encrypts it; `undefined` for the AWS managed key. */
  readonly keyArn?: string;
}

/**
 * A random value of letters and digits that Secrets Manager generates. Any change to these properties generates
 * another value (CloudFormation, `AWS::SecretsManager::Secret`, "GenerateSecretString").
 */
export interface Generated {
  /** Its key in the JSON object of the secret. */
  readonly key: string;
  readonly length: number;
  /** The other members of the object. @default - none */
  readonly others?: Readonly<Record<string, string>>;
}

/** Props of `PipelineSecret`. */
export interface PipelineSecretProps {
  /** Name of the secret. */
  readonly secretName: string;
  /** Its purpose and the form of its value. */
  readonly description: string;
  /** Key that encrypts it. */
  readonly key: IKey;
  /** How to generate a value. @default - the secret is created empty */
  readonly generate?: Generated;
  /** What happens to it when the stack is deleted. @default - deleted */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A secret that is created without a value unless `generate` is set. The construct of the CDK library always
 * generates a value, which a function would send to the collector as its token.
 */
export class PipelineSecret extends Construct implements SecretRef {
  readonly arn: string;
  readonly keyArn: string;

  constructor(scope: Construct, id: string, props: PipelineSecretProps) {
    super(scope, id);
    const { generate } = props;
    const secret = new CfnSecret(this, 'Resource', {
      name: props.secretName,
      description: props.description,
      kmsKeyId: props.key.keyArn,
      ...(generate
        ? {
            generateSecretString: {
              secretStringTemplate: JSON.stringify(generate.others ?? {}), generateStringKey: generate.key, passwordLength: generate.length, excludePunctuation: true,
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
      reason: 'The value is rotated at the collector, or by both of its users together. Functions read it again within minutes.',
    });
  }
}

/** Props of `RetainedSecret`. */
export interface RetainedSecretProps extends Pick<PipelineSecretProps, 'secretName' | 'description' | 'generate'> {
  /** Alias of its key, account, Region and partition. */
  readonly alias: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

/**
 * A secret that is retained when the stack is deleted, together with its own encryption key. For the mask key,
 * without which a pseudonym that was sent cannot be resolved.
 */
export class RetainedSecret extends PipelineSecret {
  readonly keyId: string;

  constructor(scope: Construct, id: string, props: RetainedSecretProps) {
    const removalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const key = new PipelineKey(scope, `${id}Encryption`, { ...props, senders: [], logGroups: false, removalPolicy });
    super(scope, id, { ...props, key, removalPolicy });
    this.keyId = key.keyId;
  }
}

/** Allows a role to read a secret, and to use its key for that purpose only. */
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
