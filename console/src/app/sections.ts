import { apigateway } from '../pages/apigateway/section';
import { iam } from '../pages/iam/section';
import { logs } from '../pages/logs/section';
import type { Section } from './section';

/** Every part of the console, in the order of the side navigation. */
export const sections: Section[] = [apigateway, logs, iam];
