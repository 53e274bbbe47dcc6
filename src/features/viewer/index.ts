import { feature } from '../feature.ts';
import { defineViewer } from './schema.ts';

export const viewer = feature({ fields: defineViewer });
