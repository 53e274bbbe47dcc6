import mongoose from 'mongoose';

export const DUPLICATE_KEY = 11000;

export const isDuplicateKey = (error: unknown) =>
  error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE_KEY;
