import { existsSync, readFileSync, statSync } from 'node:fs';
import { Problem, shown } from '../problem';
import { SightlineConfig } from '../types';
import { concurrencyProblems } from './concurrency';
import { environmentProblems } from './environment';
import { regionProblems } from './regions';
import { routeProblems, streamProblems } from './routes';
import { maskingProblems, networkProblems, siemProblems, sinkProblems } from './siem';
import { accountProblems, trailProblems } from './trail';
import { vpcProblems } from './vpc';

/** What is wrong between the keys of a configuration whose values are valid one by one, and with the files it names. */
export function crossFieldProblems(config: SightlineConfig): Problem[] {
  const rules = [
    regionProblems, siemProblems, sinkProblems, routeProblems, streamProblems, trailProblems, maskingProblems, networkProblems,
    accountProblems, vpcProblems, environmentProblems, concurrencyProblems, fileProblems,
  ];
  return rules.flatMap((rule) => rule(config));
}

function fileProblems({ rulesDir, siem: { caFile } }: SightlineConfig): Problem[] {
  const problems: Problem[] = [];
  if (rulesDir !== undefined && !(existsSync(rulesDir) && statSync(rulesDir).isDirectory())) {
    problems.push({ key: 'rulesDir', message: `${shown(rulesDir)} is not a folder`, expected: 'use a folder of Sigma rules' });
  }
  if (caFile !== undefined) {
    const refuse = (what: string) => problems.push({ key: 'siem.caFile', message: `${shown(caFile)} ${what}`, expected: 'use a PEM file with certificates' });
    if (!existsSync(caFile) || !statSync(caFile).isFile()) refuse('is not a file');
    // The file is added to packages, which more people can read.
    else if (readFileSync(caFile, 'latin1').includes('PRIVATE KEY-----')) refuse('contains a private key');
  }
  return problems;
}
