// One step of a schedule as a line that a person can check against the protocol by hand.
import { compareBallots, parseBallot, zeroBallot } from '@zonehold/caspaxos';
import { rowOf, type Reply } from './acceptors.ts';
import { ballotOf, letterOf, valueIn } from './clients.ts';
import { zoneC, zoneNames } from './configurations.ts';
import type { Region } from './region.ts';
import { place, unpackLabel, type Label, type StepKind } from './steps.ts';
import { incarnationOf } from './world.ts';

const actorNames = ['P1', 'P2', 'K1', 'K2'] as const;
const configurationsMax = 64;

/** What a line is told about: the state before the step, and whether its zones A and B bear each other's names. */
interface Scene {
  readonly region: Region;
  readonly before: Int32Array;
  readonly isMirrored: boolean;
  readonly label: Label;
}

/** Says what the step `label` out of `before` is. */
export function narrate(
  region: Region,
  label: number,
  before: Int32Array,
  isMirrored: boolean,
): string {
  const scene = { region, before, isMirrored, label: unpackLabel(label) };
  return lines[scene.label.kind](scene);
}

const lines: Readonly<Record<StepKind, (scene: Scene) => string>> = {
  begin: (scene) => {
    const { region, label } = scene;
    const client = scene.before[place.clients + label.actor]!;
    const start = region.startsOf(client)[Math.floor(label.detail / configurationsMax)]!;
    const configuration = region.configurations.at(label.detail % configurationsMax);
    const { epoch, voters, stamped } = configuration;
    const incarnation = voters[label.zone]!;
    const { stamp } = stamped;
    if (start.kind === 'read') {
      const reply = replyTo(scene, { kind: 'read', incarnation, stamp });
      return `${doing(scene, start.isNew)} reads at ${where(scene)} in epoch ${epoch}: ${reply}`;
    }
    const ballot = ballotOf(start.counter, label.actor);
    const reply = replyTo(scene, { kind: 'prepare', incarnation, stamp, ballot });
    const what = `prepares ${shown(ballot)} at ${where(scene)} in epoch ${epoch}`;
    return `${doing(scene, start.isNew)} ${what}: ${reply}`;
  },
  reply: (scene) => {
    const { region, label, before } = scene;
    const { phase, counter } = region.clients.records.at(before[place.clients + label.actor]!);
    if (phase.kind !== 'preparing' && phase.kind !== 'reading') return 'nothing';
    const { voters, stamped, epoch } = region.configurations.at(phase.configuration);
    const incarnation = voters[label.zone]!;
    const { stamp } = stamped;
    const name = actorNames[label.actor];
    if (phase.kind === 'reading') {
      const reply = replyTo(scene, { kind: 'read', incarnation, stamp });
      return `${name} reads at ${where(scene)} in epoch ${epoch}: ${reply}`;
    }
    const ballot = ballotOf(counter, label.actor);
    const reply = replyTo(scene, { kind: 'prepare', incarnation, stamp, ballot });
    return `${name} prepares ${shown(ballot)} at ${where(scene)} in epoch ${epoch}: ${reply}`;
  },
  accept: (scene) => accepting(scene, ''),
  'accept-unheard': (scene) => accepting(scene, ', and the answer is lost'),
  install: (scene) => `${where(scene)} is given ${electorate(scene)}`,
  decide: (scene) => `a controller decides ${electorate(scene)}`,
  'lose-disk': ({ region, before }) => {
    const { image } = region.worlds.records.at(before[place.world]!);
    return image < 0 ? 'C loses its disk' : 'C goes back to the copy of its disk';
  },
  'copy-disk': () => 'a copy of C’s disk is taken',
  format: (scene) => `a controller formats C as ${nextIncarnation(scene)}`,
  reincarnate: (scene) => `a controller reincarnates C as ${nextIncarnation(scene)}`,
};

function accepting(scene: Scene, suffix: string): string {
  const { region, label } = scene;
  const message = region.flights.messages.at(label.detail);
  const { ballot, payload, configuration, request } = message;
  const { epoch } = region.configurations.at(configuration);
  const reply = replyTo(scene, region.acceptors.requests.at(request));
  const what = `accept ${shown(ballot)} ${quoted(payload)} of epoch ${epoch}`;
  return `${actorNames[message.actor]}'s ${what} reaches ${where(scene)}: ${reply}${suffix}`;
}

function doing({ region, before, label }: Scene, isNew: boolean): string {
  const client = region.clients.records.at(before[place.clients + label.actor]!);
  const operation = client.operation + (isNew && client.phase.kind !== 'idle' ? 1 : 0);
  const name = actorNames[label.actor]!;
  const kind = region.clients.kindOf({ ...client, operation });
  const letter = kind === 'write' ? ` "${letterOf(label.actor, operation)}"` : '';
  return isNew ? `${name} begins its ${kind}${letter} and` : `${name} tries again and`;
}

function where({ label, isMirrored }: Scene): string {
  const zone = isMirrored && label.zone !== zoneC ? 1 - label.zone : label.zone;
  return zoneNames[zone]!;
}

function electorate({ region, label }: Scene): string {
  const { epoch, voters, learner } = region.configurations.at(label.detail);
  const named = voters.flatMap((incarnation, zone) =>
    incarnation === null
      ? []
      : [`${zoneNames[zone]}${incarnation === 'first' ? '' : ` ${incarnation}`}`],
  );
  return `epoch ${epoch}: voters ${named.join(', ')}${learner === null ? '' : `, learner C ${learner}`}`;
}

function nextIncarnation({ region, before }: Scene): string {
  const { incarnations } = region.worlds.records.at(before[place.world]!);
  return incarnationOf(region.reusesIncarnation ? 1 : incarnations + 1);
}

function replyTo(
  { region, before, label }: Scene,
  request: Parameters<Region['acceptors']['requests']['idOf']>[0],
): string {
  const { acceptors } = region;
  const { reply } = acceptors.deliver(before[label.zone]!, acceptors.requests.idOf(request));
  return told(reply, rowOf(acceptors.states.at(before[label.zone]!))?.accepted.payload ?? '');
}

function told(reply: Reply, held: string): string {
  if (reply.kind === 'refused') return `refused (${reply.standing})`;
  if (reply.kind !== 'promised' && reply.kind !== 'state') return reply.kind;
  const { ballot } = reply.accepted;
  const holds = ballot === zeroBallot ? 'holds nothing' : `holds ${shown(ballot)} ${quoted(held)}`;
  return reply.kind === 'promised' ? `promised, ${holds}` : holds;
}

/** `2·P1`: counter and proposer. */
function shown(ballot: string): string {
  const { counter } = parseBallot(ballot);
  const actor = [0, 1, 2, 3].find(
    (candidate) => compareBallots(ballotOf(Number(counter), candidate), ballot) === 0,
  );
  return `${counter}·${actorNames[actor ?? 0]}`;
}

function quoted(payload: string): string {
  const value = valueIn(payload);
  return value === '' ? '(nothing)' : `"${value}"`;
}
