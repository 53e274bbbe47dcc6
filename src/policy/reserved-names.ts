import type { OptionalFeature } from './vocabulary.ts';

/** Names of the schema and of the world file that no category can have: Assent or a feature uses them. */
interface Names {
  /** Fields of `User`, of the inputs that register and correct a person, and of a person of a world file. */
  readonly fields: readonly string[];
  readonly types: readonly string[];
}

const words = (text: string): string[] => text.split(' ');

const CORE: Names = {
  fields: words(
    'acceptedPolicy confirmBirthDate consents consentsConnection corrections country deemedAcceptance ' +
      'deletionDueAt emailProven gpcOptOut id invented ledgerEntries partnerId policyAcceptances policyVersion ' +
      'preferences privacyCases requestedConsents restrictions status thirdPartyShares ' +
      'thirdPartySharesConnection ties written',
  ),
  types: words(
    'AcceptanceMode Address AddressInput AgeBand AskedErasure AskedOfPartner Boolean CallerKind ' +
      'CategoryInSight Clause ClauseForbid ClauseKind ClauseReading ClauseReasoning ClauseReveal ' +
      'ConditionOperator ConditionTrace Consent ConsentAction ConsentConnection ConsentEdge ConsentExpression ' +
      'ConsentPayload ConsentPurpose ConsentRequest ContractInput ContractMode CorrectPersonalDataPayload ' +
      'Correction CorrectionInput CountryCode DataCategory Date DateTime Decision DeletePersonalDataPayload ' +
      'DenialReason EffectKind EmailAddress EraseAccountPayload ErasureNotice ErasureRequest ErrorCode ' +
      'Explanation Float ID Int JSONObject LedgerEntry LegalBasis LegalProcessInput LegalProcessKind ' +
      'MailingHeaders Mutation Node Notice NoticeKind OverdueErasures PageInfo Partner PartnerEvent ' +
      'PartnerEventConnection PartnerEventEdge PartnerInput PartnerKind Policy PolicyAcceptance ' +
      'PolicyDecisionPayload PolicyDiff PolicyPurpose PreferenceEffect Preferences PreferencesInput PrivacyCase ' +
      'PrivacyCaseKind PrivacyCaseStatus Purpose Query QueuedPrivacyCase QueuedPrivacyCaseConnection ' +
      'QueuedPrivacyCaseEdge RecipientAttribute RecipientAttributeInput RegisterInput RegisterPayload ' +
      'Restriction RestrictionDecision RestrictionRequest RestrictionState SealChildPayload String Subscription ' +
      'ThirdPartyShare ThirdPartyShareConnection ThirdPartyShareEdge Truth URL UnsealAccountPayload ' +
      'UpdatePreferencesPayload User UserConnection UserEdge UserStatus Viewer ViewerContract VisibilityChange ' +
      'VisibilityChangeKind Webhook WebhookDelivery WebhookDisabledReason WebhookOutcome WebhookSecretPayload ' +
      'WritePersonalDataInput WritePersonalDataPayload',
  ),
};

/** An optional part of a company with names of its own. */
export type OptionalPart = OptionalFeature | 'ties';

const OF_PARTS: Readonly<Record<OptionalPart, Names>> = {
  advertising: { fields: ['adInteractions'], types: ['AdInteraction'] },
  blog: { fields: ['subscriptions'], types: ['BlogSubscription'] },
  devices: { fields: [], types: ['DeviceInput', 'DeviceProfile'] },
  offers: {
    fields: ['credits', 'creditsConnection', 'waitingCredits'],
    types: words(
      'Credit CreditConnection CreditEdge OfferCompletionInput SubmitOfferCompletionPayload WaitingCredit WaitingOfferCompletion',
    ),
  },
  orders: {
    fields: ['billingAddress', 'orders', 'paymentCard'],
    types: words('CancelOrderPayload Order OrderInput OrderOutcome OrderStatus PaymentCard PlaceOrderPayload'),
  },
  photos: { fields: ['photos'], types: ['Photo'] },
  posts: { fields: ['posts', 'postsConnection'], types: words('Post PostConnection PostEdge SubmitPostPayload') },
  programs: { fields: [], types: ['LeaveProgramPayload'] },
  relationships: { fields: ['relationships'], types: ['Relationship'] },
  social: { fields: ['from', 'recentActivity', 'socialLinks'], types: ['Activity', 'SocialLink', 'SocialOriginInput'] },
  statistics: {
    fields: [],
    types: words('BrowserType OperatingSystem Statistics StatisticsCell StatisticsTable'),
  },
  ties: { fields: ['ties'], types: words('ConsentForPayload CreateTieCodePayload Tie TieEnd TieKind TieState') },
  transactions: {
    fields: ['transactions', 'transactionsConnection'],
    types: words('Transaction TransactionConnection TransactionEdge TransactionKind'),
  },
};

/** @param parts  the optional parts of the company */
export const reservedNames = (parts: readonly OptionalPart[]): Names => {
  const all = [CORE, ...parts.map((part) => OF_PARTS[part])];
  return { fields: all.flatMap(({ fields }) => fields), types: all.flatMap(({ types }) => types) };
};
