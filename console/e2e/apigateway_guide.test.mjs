// The guide as it is for developers: no keys.
import { theGuide } from './guide.mjs';

theGuide();
