// Holds types.ts and definition.ts against what the server's OpenAPI document says: drift fails `npm run check`.
// Only types: nothing of it reaches a bundle. What is optional, null or absent is not compared, names and kinds are.
import type { components } from "$generated/api";
import type * as audited from "./audit";
import type { NewApproval } from "./approvals";
import type * as imports from "./imports";
import type * as invited from "./invitations";
import type * as ours from "./types";

type Server = components["schemas"];

/** JSON of any kind fits any other. */
type Plain<T> = unknown extends T
  ? any
  : T extends (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]-?: Plain<Exclude<T[Key], null | undefined>> }
      : T;

/** What the server says must be what we read. */
type Read<Said extends Understood, Understood> = Said;
/** What we send must be what the server takes. */
type Sent<Said extends Taken, Taken> = Said;

export type Answers = [
  Read<Plain<Omit<Server["InvitationCard"], "status">>, Plain<Omit<invited.InvitationCard, "status">>>,
  Read<Plain<Omit<Server["InvitationLink"], "status">>, Plain<Omit<invited.InvitationLink, "status">>>,
  Read<Plain<Server["GuestList"]>, Plain<invited.GuestList>>,
  Read<Plain<Server["InvitationJob"]>, Plain<invited.InvitationJob>>,
  Read<Plain<Server["Invitation"]>, Plain<invited.Invitation>>,
  Read<Plain<Server["JoinLinkOffer"]>, Plain<invited.JoinLinkOffer>>,
  Read<Plain<Server["AuditPage"]>, Plain<audited.AuditPage>>,
  Read<Plain<Server["AuditDetail"]>, Plain<audited.AuditDetail>>,
  Read<Plain<Server["AuditReport"]>, Plain<audited.AuditReport>>,
  Read<Plain<Server["EventHandler"]>, Plain<audited.Handler>>,
  Read<Plain<Server["MadeEventHandler"]>, Plain<audited.MadeHandler>>,
  Read<Plain<Server["EventDelivery"]>, Plain<audited.Delivery>>,
  Read<Plain<Server["Session"]>, Plain<ours.Session>>,
  Read<Plain<Server["SignedInPlace"]>, Plain<ours.SignedInPlace>>,
  Read<Plain<Server["LoginEvents"]>, Plain<ours.LoginEvents>>,
  Read<Plain<Omit<Server["Security"], "factors">>, Plain<Omit<ours.Security, "factors">>>,
  Read<Plain<Omit<Server["Factor"], "kind">>, Plain<Omit<ours.Factor, "kind">>>,
  Read<Plain<Server["FactorPolicy"]>, Plain<ours.FactorPolicy>>,
  Read<Plain<Server["NewOneTime"]>, Plain<ours.NewOneTime>>,
  Read<Plain<Server["ProgramQuestion"]>, Plain<ours.ProgramQuestion>>,
  Read<Plain<Server["Program"]>, Plain<ours.Program>>,
  Read<Plain<Server["SamlView"]>, Plain<ours.SamlProvider>>,
  Read<Plain<Server["Sample"]>, Plain<ours.Sample>>,
  Read<Plain<Server["App"]>, Plain<ours.App>>,
  Read<Plain<Server["PeoplePage"]>, Plain<ours.PeoplePage>>,
  Read<Plain<Server["Group"]>, Plain<ours.Group>>,
  Read<Plain<Server["Directory"]>, Plain<ours.Directory>>,
  Read<Plain<Server["MadeToken"]>, Plain<ours.MadeDirectoryToken>>,
  Read<Plain<Server["Gates"]>, Plain<ours.Gates>>,
  Read<Plain<Omit<Server["Challenge"], "state">>, Plain<Omit<ours.Challenge, "state">>>,
  Read<Plain<Server["Pin"]>, Plain<ours.Pin>>,
  Read<Plain<Server["GateSettings"]>, Plain<ours.GateSettings>>,
  Read<Plain<Server["OwnTenants"]>, Plain<ours.OwnTenants>>,
  Read<Plain<Server["ApiKey"]>, Plain<ours.ApiKey>>,
  Read<Plain<Server["MadeKey"]>, Plain<ours.MadeKey>>,
  Read<Plain<Server["AppVersion"]>, Plain<ours.AppVersion>>,
  Read<Plain<Server["ClientApp"]>, Plain<ours.ClientApp>>,
  Read<Plain<Server["ImportReport"]>, Plain<ours.ImportReport>>,
  Read<Plain<Server["ImportPreview"]>, Plain<imports.ImportPreview>>,
  Read<Plain<Server["Imported"]>, Plain<imports.Imported>>,
  Read<Plain<Server["Outline"]>, Plain<ours.Outline>>,
  Read<Plain<Server["Proposal"]>, Plain<ours.Proposal>>,
  Read<Plain<Server["DefinitionProblem"]>, Plain<ours.DefinitionProblem>>,
  Read<Plain<Server["Reason"]>, Plain<ours.Reason>>,
  Read<Plain<Server["AppDefinition"]>, Plain<ours.AppDefinition>>,
];

export type Requests = [
  Sent<Plain<audited.HandlerSettings & { newSecret: boolean }>, Plain<Server["NewEventHandler"]>>,
  Sent<Plain<invited.InvitationLinkWish>, Plain<Server["InvitationLinkWish"]>>,
  Sent<Plain<Omit<NewApproval, "passkey">>, Plain<Omit<Server["NewApproval"], "passkey">>>,
  Sent<Plain<ours.Gate>, Plain<Server["Gate"]>>,
  Sent<Plain<ours.GateSettings>, Plain<Server["GateSettings"]>>,
  Sent<Plain<ours.NewKey>, Plain<Server["NewKey"]>>,
  Sent<Plain<ours.RowsRequest>, Plain<Server["RowsRequest"]>>,
  Sent<Plain<ours.Operation>, Plain<Server["Operation"]>>,
  Sent<Plain<ours.AppDefinition>, Plain<Server["AppDefinition"]>>,
];
