// The few acts of LDAP that slapd is measured by.
import { BerWriter, Client } from 'ldapts';
import type { LdapClient } from '../lib/peers/slapd.ts';

/** RFC 3062. */
const PASSWORD_MODIFY = '1.3.6.1.4.1.4203.1.11.1';
const TAGS = { userIdentity: 0x80, oldPassword: 0x81, newPassword: 0x82 };

export async function openLdap(url: string): Promise<LdapClient> {
  const client = new Client({ url });
  return {
    bind: (name, password) => client.bind(name, password),
    add: (name, attributes) => client.add(name, attributes),
    changePassword: async (userIdentity, newPassword, oldPassword) => {
      const writer = new BerWriter();
      writer.startSequence();
      writer.writeString(userIdentity, TAGS.userIdentity);
      if (oldPassword !== undefined) writer.writeString(oldPassword, TAGS.oldPassword);
      writer.writeString(newPassword, TAGS.newPassword);
      writer.endSequence();
      await client.exop(PASSWORD_MODIFY, writer.buffer);
    },
    close: () => client.unbind(),
  };
}
