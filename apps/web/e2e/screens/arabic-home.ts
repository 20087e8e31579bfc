/** Layla's app, who writes Arabic. Her browser speaks English until its picture is taken: stories find things by name. */
import type { Person } from '../person.js';
import { expect } from '../story.js';
import type { Neighbours } from './neighbours.js';

export type ArabicHome = {
  readonly layla: Person;
  /** With Sami. */
  readonly chat: string;
};

export async function settleInArabic(neighbours: Neighbours): Promise<ArabicHome> {
  const [layla, sami] = await Promise.all([
    neighbours.arrive({ username: 'layla', name: 'ليلى حداد', picture: 'layla' }),
    neighbours.arrive({ username: 'sami', name: 'سامي ناصر', picture: 'sami' }),
  ]);
  const nour = await neighbours.arrive({ username: 'nour', name: 'نور الخطيب' });
  const oscar = await neighbours.arrive({ username: 'oscar', name: 'Oscar Nilsson' });
  await neighbours.meet({
    by: oscar,
    to: layla,
    daysAgo: 3,
    at: '10:22',
    text: 'The parcel is at my place.',
  });
  await neighbours.say({ by: layla, daysAgo: 3, at: '10:40', text: 'Thanks, Oscar! شكرًا جزيلًا' });
  await neighbours.meet({ by: nour, to: layla, daysAgo: 1, at: '22:05', text: 'تصبحين على خير' });
  await talk(neighbours, { layla, sami });
  const chat = new URL(layla.page.url()).pathname;
  await layla.makeGroup('عشاء الجمعة', sami, nour);
  await sami.openChat('عشاء الجمعة');
  await sami.send('أنا أحضر الحلوى، ونور تحضر العصير.');
  await layla.openSettings('Privacy');
  await nour.openChat('ليلى حداد');
  for (const [at, text] of [
    ['15:10', 'هل وصلتك الصور؟'],
    ['15:11', 'اخترت لك أجملها'],
  ] as const)
    await neighbours.say({ by: nour, daysAgo: 0, at, text });
  await expect(layla.inList('نور الخطيب')).toContainText('2 unread messages');
  await neighbours.leave(sami, nour, oscar);
  return { layla, chat };
}

async function talk(
  neighbours: Neighbours,
  { layla, sami }: { readonly layla: Person; readonly sami: Person },
): Promise<void> {
  const say = neighbours.say.bind(neighbours);
  await neighbours.meet({
    by: sami,
    to: layla,
    daysAgo: 1,
    at: '18:12',
    text: 'مرحبًا ليلى! هل وجدتِ مكانًا لعطلة نهاية الأسبوع؟',
  });
  await say({
    by: layla,
    daysAgo: 1,
    at: '18:20',
    text: 'نعم، بيت صغير على البحيرة: https://example.org/lake-house',
  });
  await say({ by: sami, daysAgo: 1, at: '18:21', text: 'يبدو جميلًا. كيف نصل إليه؟' });
  await expect(layla.message('يبدو جميلًا. كيف نصل إليه؟')).toHaveCount(1);
  await layla.act('يبدو جميلًا. كيف نصل إليه؟', 'React with ❤️');
  await say({ by: layla, daysAgo: 0, at: '09:05', text: 'بالقطار 12 في الساعة 8:50، ثم نصف ساعة مشيًا.' });
  await layla.act('بالقطار 12 في الساعة 8:50، ثم نصف ساعة مشيًا.', 'Edit');
  await layla.send('بالقطار 12 في الساعة 8:40، ثم نصف ساعة مشيًا.');
  await expect(sami.message('بالقطار 12 في الساعة 8:40، ثم نصف ساعة مشيًا.')).toHaveCount(1);
  await sami.act('بالقطار 12 في الساعة 8:40، ثم نصف ساعة مشيًا.', 'Reply');
  await say({ by: sami, daysAgo: 0, at: '09:12', text: 'ممتاز، سأحضر الفطور 🥐' });
  await say({ by: layla, daysAgo: 0, at: '09:14', text: 'وأنا أحضر الكاميرا. إلى اللقاء!' });
  await expect(sami.message('وأنا أحضر الكاميرا. إلى اللقاء!')).toHaveCount(1);
}
