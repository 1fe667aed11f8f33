import { isExisting, streamRouteOf } from '../defaults';
import { Problem } from '../problem';
import { ExistingTrail, NewTrail, SightlineConfig } from '../types';
import { problem, problemsIn } from './rules';

/** What the other keys need of the trail, and what contradicts itself in it. */
export function trailProblems(config: SightlineConfig): Problem[] {
  const { trail } = config;
  return isExisting(trail) ? existingTrailProblems(config, trail.existing) : newTrailProblems(config, trail);
}

function existingTrailProblems(config: SightlineConfig, { logGroupName: group }: ExistingTrail['existing']): Problem[] {
  const { name = 'sightline' } = config;
  const own = [`/aws/lambda/${name}-`, `/aws/kinesisfirehose/${name}`].some((prefix) => group?.startsWith(prefix));
  return problemsIn([
    streamRouteOf(config) !== false && group === undefined
      && problem('trail.existing.logGroupName', 'missing, but the stream route reads it', 'use the name of the trail\'s log group, or routes.stream: false'),
    own && problem('trail.existing.logGroupName', `${group} is a log group of Sightline itself, so every line would create another`, 'use the name of the trail\'s log group'),
  ]);
}

function newTrailProblems({ eventCategories: categories = [] }: SightlineConfig, trail: NewTrail): Problem[] {
  const { dataEvents, insights, expireDays, objectLockDays } = trail;
  return problemsIn([
    categories.includes('Data') && dataEvents === undefined && problem('eventCategories', 'contains Data, but the trail records no data events', 'remove it, or set trail.dataEvents'),
    categories.includes('Insight') && insights !== true && problem('eventCategories', 'contains Insight, but the trail has no Insights', 'remove it, or use trail.insights: true'),
    categories.includes('NetworkActivity')
      && problem('eventCategories', 'contains NetworkActivity, but a trail that Sightline creates does not record it', 'remove it, or use an existing trail'),
    expireDays !== undefined && objectLockDays !== 'choose' && expireDays < objectLockDays
      && problem('trail.expireDays', `${expireDays} is less than objectLockDays`, `use a whole number from ${objectLockDays} to 36500`),
  ]);
}

/** The home Region and the account of the hub in relation to the other Regions and accounts. */
export function accountProblems({ region, regions, fast, account }: SightlineConfig): Problem[] {
  const others = fast?.accounts;
  return problemsIn([
    regions !== undefined && !regions.includes(region) && problem('regions', `does not contain the home Region ${region}`, `add ${region}`),
    others !== undefined && account === undefined && problem('account', 'missing, but fast.accounts needs the account of the hub', 'use an account id of 12 digits'),
    account !== undefined && others?.includes(account) === true && problem('fast.accounts', 'contains the account of the hub', 'remove it'),
  ]);
}
