/** Drawn people in drawn rooms, as pictures of a camera: 640 by 360. */

interface Person {
  room: string;
  skin: string;
  shade: string;
  hair: string;
  cloth: string;
  /** Behind the head and on it. */
  backHair: string;
  frontHair: string;
}

const SHELF = (colour: string, x: number, y: number) => `
  <rect x="${x}" y="${y}" width="150" height="8" rx="3" fill="${colour}"/>
  <rect x="${x + 12}" y="${y - 46}" width="14" height="46" rx="2" fill="#c8643c"/>
  <rect x="${x + 28}" y="${y - 40}" width="12" height="40" rx="2" fill="#e2b04a"/>
  <rect x="${x + 42}" y="${y - 50}" width="16" height="50" rx="2" fill="#3d7f86"/>
  <rect x="${x + 60}" y="${y - 38}" width="12" height="38" rx="2" fill="#7b5a8c"/>
  <path d="M${x + 104} ${y}v-22h28v22z" fill="#f1ece2"/>
  <path d="M${x + 118} ${y - 22}c-16-6-20-22-16-34 12 4 17 16 16 34 0-20 8-32 22-36 3 16-6 32-22 36z" fill="#5d9b6b"/>`;

const WINDOW = (x: number, sky: string) => `
  <rect x="${x}" y="34" width="150" height="168" rx="8" fill="#f6f1e7"/>
  <rect x="${x + 9}" y="43" width="62" height="150" rx="3" fill="${sky}"/>
  <rect x="${x + 79}" y="43" width="62" height="150" rx="3" fill="${sky}"/>
  <circle cx="${x + 108}" cy="80" r="15" fill="#fff3c9"/>
  <path d="M${x + 9} 166c22-20 42-20 62-6v33h-62zM${x + 79} 160c20-16 42-10 62 6v27h-62z" fill="#8fbf9a"/>`;

export const PEOPLE: Record<string, Person> = {
  Ann: {
    room: `<rect width="640" height="360" fill="#e6d9c6"/>${WINDOW(60, '#bfe0ea')}
      ${SHELF('#a9835a', 446, 150)}`,
    skin: '#dba37c',
    shade: '#c28a63',
    hair: '#241d1b',
    cloth: '#e0a34c',
    backHair: 'M58 206c-6-24-8-70-2-100 6-36 32-58 64-58s58 22 64 58c6 30 4 76-2 100z',
    frontHair: 'M70 108c18-2 46-16 60-40 8 20 24 34 42 40 0-36-22-56-50-56-32 0-52 22-52 56z',
  },
  Bob: {
    room: `<rect width="640" height="360" fill="#2f4858"/><circle cx="520" cy="70" r="150" fill="#3b586b"/>
      ${SHELF('#6d8797', 56, 130)}
      <path d="M520 360V210" stroke="#e9e2d2" stroke-width="6"/>
      <path d="M478 212l20-58h44l20 58z" fill="#f7dfa4"/>`,
    skin: '#f0c7a4',
    shade: '#dcae88',
    hair: '#5b3d2b',
    cloth: '#2fa798',
    backHair: '',
    frontHair:
      'M68 112c-6-42 22-66 54-66 34 0 56 24 50 64-6-12-10-20-12-28-22 4-50 0-66-10-6 14-16 24-26 40z',
  },
  Lan: {
    room: `<rect width="640" height="360" fill="#cfe0d4"/>${WINDOW(430, '#d8ecf2')}
      <path d="M120 360c-2-60-2-110 4-150" stroke="#4f7f5d" stroke-width="7" fill="none"/>
      <path d="M124 210c-44-4-68-34-68-70 40 4 66 28 68 70zM122 250c34-8 54-32 56-62-34 6-54 28-56 62zM121 300c-34-4-56-26-60-54 34 2 56 22 60 54z" fill="#5d9b6b"/>`,
    skin: '#eebf98',
    shade: '#d6a27a',
    hair: '#2b2422',
    cloth: '#8a5a9e',
    backHair: 'M62 132c-4-50 22-82 58-82s62 32 58 82c-2 22-8 34-18 42H80c-10-8-16-20-18-42z',
    frontHair:
      'M70 118c0-40 20-64 50-64s50 24 50 64c-8-16-14-26-18-34-22 6-44 6-64 0-6 10-12 20-18 34z',
  },
};

export function pictureOf(person: Person): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720" viewBox="0 0 640 360">
    ${person.room}
    <g transform="translate(176 42) scale(1.2)">
      <path d="${person.backHair}" fill="${person.hair}"/>
      <path d="M98 140h44v50q-22 16-44 0z" fill="${person.shade}"/>
      <path d="M28 290c0-76 36-108 92-108s92 32 92 108z" fill="${person.cloth}"/>
      <circle cx="120" cy="112" r="50" fill="${person.skin}"/>
      <path d="${person.frontHair}" fill="${person.hair}"/>
      <circle cx="102" cy="116" r="4.8" fill="#2a211d"/>
      <circle cx="139" cy="116" r="4.8" fill="#2a211d"/>
      <path d="M105 137c8 9 22 9 31 0" fill="none" stroke="#2a211d" stroke-width="4.5" stroke-linecap="round"/>
    </g>
  </svg>`;
}
