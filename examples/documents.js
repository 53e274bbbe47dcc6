export const PREFERENCES = `
  query Preferences($other: ID!) {
    me {
      id
      avatarName
      preferences { id imvuNewsletter friendMessage adTargeting }
      posts(first: 3) { id text }
    }
    user(id: $other) {
      id
      avatarName
      email
      posts(first: 3) { id text }
    }
  }`;

export const SET = `
  mutation Set($input: PreferencesInput!) {
    updatePreferences(input: $input) {
      user { id preferences { id imvuNewsletter friendMessage adTargeting } }
    }
  }`;
