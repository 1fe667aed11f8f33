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
  /** @default - created without a value, which somebody has to put into it */
  readonly generate?: Generated;
  /** What happens to it when the stack is deleted. @default - deleted */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A secret that is created without a value unless one is asked for. (The construct of the CDK library always
 * generates one, and a function would present that to the collector.)
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
      reason: 'The collector rotates the value, or both of its users have to change together. Functions read it again within minutes.',
    });
  }
}

/** Props of `LastingSecret`. */
export interface LastingSecretProps extends Pick<PipelineSecretProps, 'secretName' | 'description' | 'generate'> {
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
