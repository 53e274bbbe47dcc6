import { graphql } from 'relay-runtime';

// Relay's compiler turns these into the artifacts of __generated__, which main.js imports:
//   npx relay-compiler@21 examples/relay/relay.config.json

graphql`
  query documentsPreferencesQuery($other: ID!) @throwOnFieldError {
    me {
      id
      avatarName
      preferences {
        id
        imvuNewsletter
        friendMessage
        adTargeting
      }
      posts(first: 3) {
        id
        text
      }
    }
    user(id: $other) {
      id
      avatarName
      email @catch
      posts(first: 3) {
        id
        text
      }
    }
  }
`;

graphql`
  mutation documentsSetMutation($input: PreferencesInput!) {
    updatePreferences(input: $input) {
      user {
        id
        preferences {
          id
          imvuNewsletter
          friendMessage
          adTargeting
        }
      }
    }
  }
`;
