// Preloaded into the app: says at the end whether the CDK library was loaded.
process.on('exit', () => {
  const loaded = Object.keys(require.cache).some((path) => /node_modules\/(aws-cdk-lib|constructs)\//.test(path));
  process.stderr.write(`CDK library loaded: ${loaded}\n`);
});
