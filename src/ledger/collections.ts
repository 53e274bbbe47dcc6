export * from '../store/mongo/collections.ts';
