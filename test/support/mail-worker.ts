// A Worker that only sends the letter that it is given, so that tests see what the real binding makes of it.
import { createMail } from '../../src/delivery/mail.ts';

interface Env {
  readonly EMAIL: SendEmail;
  /** Takes letters to ann@mail.example alone. */
  readonly EMAIL_TO_ANN: SendEmail;
}

// biome-ignore lint/style/noDefaultExport: the platform asks for it
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const mail = createMail(pathname === '/to-ann' ? env.EMAIL_TO_ANN : env.EMAIL);
    try {
      await mail(await request.json());
      return new Response('taken');
    } catch (error) {
      return new Response(error instanceof Error ? error.message : 'unknown', { status: 502 });
    }
  },
} satisfies ExportedHandler<Env>;
