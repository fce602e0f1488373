import {
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

const teal: MantineColorsTuple = [
  '#e6f6f3',
  '#cdebe6',
  '#9bd9cf',
  '#74d6c8',
  '#5cc9b9',
  '#2fa798',
  '#0b9182',
  '#0b7a70',
  '#09675f',
  '#07564f',
];

/** The library's greys of the dark scheme, in the tint of our surfaces. */
const dark: MantineColorsTuple = [
  '#e9f0ef',
  '#c3d0ce',
  '#9db0ae',
  '#84989a',
  '#3d4b4e',
  '#2c383a',
  '#1f282a',
  '#171f20',
  '#121819',
  '#0e1415',
];

/** The main button takes its colours from our tokens, whose contrast is known in both schemes. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colours = defaultVariantColorsResolver(input);
  const isMain = input.color === undefined || input.color === input.theme.primaryColor;
  if (input.variant !== 'filled' || !isMain) return colours;
  return {
    ...colours,
    color: 'var(--vis-on-accent)',
    background: 'var(--vis-accent)',
    hover: 'var(--vis-accent-hover)',
  };
};

export const theme = createTheme({
  colors: { teal, dark },
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 4 },
  variantColorResolver,
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  headings: { fontFamily: 'inherit', fontWeight: '650' },
  defaultRadius: 'md',
  radius: { xs: '6px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
});
